"""A short run of schemathesis with every check it has; `make fuzz-api` is the long one."""

from benchmarks.api_fuzz import fuzz, generated, served


def test_a_hundred_requests_and_more_find_nothing(tmp_path):
    with served(tmp_path) as address:
        status, said = fuzz(address, examples=6, seed=7, phases="fuzzing,stateful", folder=tmp_path)
    assert status == 0, said
    assert generated(said) > 100
