"""The job ``bank.parallel_forms``: solve an order, verify the answer, freeze the papers."""

from typing import Any

from core.jobs.worker import Job
from question_bank.parallel.queries import form_set
from question_bank.parallel.rules import from_json
from question_bank.parallel.running import assemble
from question_bank.parallel.service import finish


def run(job: Job) -> dict[str, Any]:
    """Argument ``form_set_id``. An order that was finished before is left alone."""
    ordered = form_set(job.session, job.arguments["form_set_id"])
    if ordered.state != "queued":
        return {}
    outcome = assemble(from_json(ordered.request), job.progress)
    finish(job.write(), job.actor, job.clock, job.arguments["form_set_id"], outcome)
    return {"state": outcome["state"]}
