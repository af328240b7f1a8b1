"""Offline hand-in: the exam's key, the codes that invigilators wrote down, the claims and what became of them. All appended."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.database import BigId, Model


class HandInKey(Model):
    """The exam's key pair (P-256), made at publication: pages seal to the public half, the private one never leaves."""

    __tablename__ = "hand_in_keys"

    exam_id: Mapped[int] = mapped_column(ForeignKey("exams.id"), primary_key=True)
    public_key: Mapped[str] = mapped_column(Text)  # SubjectPublicKeyInfo, base64
    private_sealed: Mapped[str] = mapped_column(Text)  # PKCS#8 in PEM, encrypted with the data key
    made_at: Mapped[datetime]


class OfflineCode(Model):
    """A code as an invigilator read it from a candidate's page; of several the last one stands. The incident beside it
    carries the second signature."""

    __tablename__ = "offline_codes"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sittings.id"), index=True)
    code: Mapped[str] = mapped_column(String(8))
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    noted_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    noted_at: Mapped[datetime]


class OfflineClaim(Model):
    """A sealed file that fitted its code: what the candidate claims to have answered in time. Counts once confirmed."""

    __tablename__ = "offline_claims"
    __table_args__ = (UniqueConstraint("sitting_id", "revision"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sittings.id"))
    exam_id: Mapped[int] = mapped_column(ForeignKey("exams.id"), index=True)
    code_id: Mapped[int] = mapped_column(ForeignKey("offline_codes.id"))
    revision: Mapped[int]  # of the receipt that it brought
    file: Mapped[bytes] = mapped_column(LargeBinary)  # sealed, as it was uploaded
    file_digest: Mapped[str] = mapped_column(String(64))
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    uploaded_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    uploaded_at: Mapped[datetime]


class ClaimStep(Model):
    """One step of a claim with its judgement; only ``proposed`` ones would count."""

    __tablename__ = "claim_steps"

    claim_id: Mapped[int] = mapped_column(ForeignKey("offline_claims.id"), primary_key=True)
    binding: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    slot: Mapped[str] = mapped_column(String(16))
    response: Mapped[str] = mapped_column(Text)  # canonical JSON where it could be read
    client_at: Mapped[str] = mapped_column(String(40))
    judgement: Mapped[str] = mapped_column(String(16))


class ClaimDecision(Model):
    """What a person decided on a claim, once."""

    __tablename__ = "claim_decisions"

    claim_id: Mapped[int] = mapped_column(ForeignKey("offline_claims.id"), primary_key=True)
    verdict: Mapped[str] = mapped_column(String(16))  # confirmed | refused
    reason: Mapped[str] = mapped_column(String(500))
    decided_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    decided_at: Mapped[datetime]
