from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families


def test_requests_are_counted_by_contract_operation_and_outcome(metrics, counted):
    for _ in range(2):
        metrics.observe("standard", "token", "ok", 0.003)
    metrics.observe("standard", "token", "bad_client", 0.001)
    assert counted() == {("standard", "token", "ok"): 2, ("standard", "token", "bad_client"): 1}


def test_the_time_to_answer_is_a_histogram(metrics):
    metrics.observe("standard", "token", "ok", 0.003)
    families = {family.name: family for family in text_string_to_metric_families(metrics.render().decode())}
    samples = families["tokenhouse_request_seconds"].samples
    below = {s.labels["le"]: s.value for s in samples if s.name.endswith("_bucket")}
    assert (below["0.0025"], below["0.005"], below["+Inf"]) == (0, 1, 1)


def test_two_servers_in_one_process_count_apart(metrics):
    other = type(metrics)()
    metrics.observe("standard", "token", "ok", 0.001)
    assert b'outcome="ok"' in metrics.render()
    assert b'outcome="ok"' not in other.render()


def test_mails_are_counted_by_kind_and_how_they_ended(metrics):
    for event in ("mail.sent", "mail.sent", "mail.failed"):
        metrics.mailed("reset", event)
    text = metrics.render()
    assert b'tokenhouse_mails_total{event="mail.sent",kind="reset"} 2.0' in text
    assert b'tokenhouse_mails_total{event="mail.failed",kind="reset"} 1.0' in text
