"""Keeping pictures: once each, by what they are, never by what they are called."""

import hashlib

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.audit.service import record
from core.clock import Clock
from core.errors import BadInput
from question_bank.images.models import Image
from question_bank.images.rules import NotAPicture, kind_of


def keep_image(session: Session, actor: Actor, clock: Clock, data: bytes) -> str:
    """Keep a picture and return its SHA-256; one that is there already is kept as it is. Raises BadInput."""
    try:
        kind = kind_of(data)
    except NotAPicture as problem:
        raise BadInput(str(problem)) from problem
    digest = hashlib.sha256(data).hexdigest()
    if session.scalar(select(Image.sha256).where(Image.sha256 == digest)):
        return digest
    image = Image(
        sha256=digest,
        mime=kind.mime,
        width=kind.width,
        height=kind.height,
        data=data,
        added_by=actor.id,
        added_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(image)
    except IntegrityError:
        return digest  # somebody else brought the same picture at the same moment
    record(session, actor, clock, "image_added", "image", digest, bytes=len(data))
    return digest
