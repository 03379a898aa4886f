"""A plugin of pytest, ``-p tests.support.nothing_skipped``: a test that is skipped has failed."""

from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _refuse(report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _refuse(report)
    return report


def _refuse(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped:
        told = report.longrepr
        why = told[-1] if isinstance(told, tuple) else told
        report.outcome = "failed"
        report.longrepr = f"skipped, where nothing may be: {why}"
