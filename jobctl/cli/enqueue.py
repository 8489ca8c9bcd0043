"""`jobctl enqueue`: runs for the queue. Their ids on stdout, once they are durable."""

from typing import TYPE_CHECKING, Annotated

from jobctl.cli import request_options as options
from jobctl.cli.chosen import chosen_jobs
from jobctl.cli.declared import Declared
from jobctl.cli.exit_status import ExitStatus
from jobctl.cli.invocation import invocation
from jobctl.cli.made_runs import print_made, print_runs, runs_of_lines, tell_existing, tell_waiting
from jobctl.domain.run import Origin
from jobctl.operations.enqueue import enqueue
from jobctl.operations.selection import only_job

if TYPE_CHECKING:
    import typer


def command(
    ctx: "typer.Context",
    job: Annotated[str, Declared((), "The name of a job.", "JOB")],
    param: options.Param = None,
    params: options.Params = None,
    delay: options.Delay = None,
    at: options.At = None,
    priority: options.Priority = None,
    retries: options.Retries = None,
    key: options.Key = None,
    source: options.From = None,
    keep: options.Keep = False,
) -> int:
    """Put runs of a job into its queue and print their ids. Values are checked by the types in [jobs.JOB.params]."""
    call = invocation(ctx)
    request = options.request(call, param, params, delay, at, priority, retries, key, keep)
    options.refuse_id_of_lines(source, key)
    names = chosen_jobs(call, [job], None, None)
    if len(names) > 1:
        only_job(call.context, job)  # says which
    if source is not None:
        with runs_of_lines(call, names[0], source, request, Origin.QUEUE) as make:
            print_made(call, names[0], make())
        return ExitStatus.DONE
    added = enqueue(call.context, names, request, Origin.QUEUE)
    print_runs(call, [run.id for run in added], as_list=False)
    tell_existing(call, added, request)
    tell_waiting(call, added[0].id)
    return ExitStatus.DONE
