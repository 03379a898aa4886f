"""The doctor's step about messages to a person: whether each could be sent. It sends none."""

import trio

from config.load.alert_addresses import alert_addresses
from config.source.problems import ConfigurationProblems
from engine.alerts.delivery import INSTALL, NO_APPRISE
from engine.doctor.context import DoctorContext
from engine.doctor.findings import Finding, failure, fine
from engine.process.exit_codes import EXIT_CODES, ExitCode

_CURE = "compare it with the forms in docs/alerts.md and in apprise's documentation"


async def check_alerts(examination: DoctorContext) -> Finding:
    """Whether what sends messages is there, and understands each address of ``[alerts]``."""
    await trio.lowlevel.checkpoint()
    alerts, machine = examination.settings.alerts, examination.machine
    if not alerts.to and alerts.heartbeat_url is None:
        return fine("[alerts] names no destination: nobody is told of anything")
    try:
        addresses = alert_addresses(examination.settings, machine.environment)
    except ConfigurationProblems as problems:
        return _unreadable(problems)
    wrong = []
    for number, address in enumerate(addresses.to, 1):
        if trouble := await machine.address_trouble(address):
            if trouble.startswith(NO_APPRISE):
                cure, code = INSTALL, ExitCode.CONFIGURATION
                return failure(NO_APPRISE, cure, code=code, blocks=False)
            wrong.append(f"no. {number} of alerts.to: {trouble}")
    if wrong:
        code = ExitCode.CONFIGURATION
        return failure("; ".join(wrong), _CURE, code=code, blocks=False)
    schemes = [address.reveal().partition("://")[0] for address in addresses.to]
    if addresses.heartbeat is not None:
        schemes.append("heartbeat_url")
    return fine(
        f"{', '.join(schemes)}: readable; nothing was sent: engine alerts test sends a message"
    )


def _unreadable(problems: ConfigurationProblems) -> Finding:
    said = "; ".join(str(problem).splitlines()[0] for problem in problems.problems)
    cures = "; ".join(dict.fromkeys(problem.cure for problem in problems.problems))
    return failure(said, cures, code=EXIT_CODES[problems.reason], blocks=False)
