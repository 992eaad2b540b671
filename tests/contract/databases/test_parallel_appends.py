"""The set test: what was acknowledged is there exactly once, whatever happened meanwhile (promises I3, I4, I8)."""

import json
import signal


def judge(office, acknowledged):
    """Hold the ledger against what processes were told."""
    stands = office.checked()
    there = [(record["name"], record["serial"]) for _, record in stands["entries"]]
    place = {index: (record["name"], record["serial"]) for index, record in stands["entries"]}
    assert stands["findings"] == []
    assert list(place) == list(range(len(place)))
    assert len(set(there)) == len(there)
    for line in acknowledged:
        for index, serial in line["entries"]:
            assert place[index] == (line["name"], serial)
    numbers = [line["number"] for line in acknowledged]
    assert len(set(numbers)) == len(numbers)
    return stands, numbers


def test_eight_processes_at_once(office):
    """Eight writers and a signer: every acknowledged act stands where it was said to, indexes and numbers have no gap."""
    writers = [office.start("enter", f"writer-{number}", "30") for number in range(8)]
    signer = office.start("checkpoint", "20")
    acknowledged = [json.loads(line) for writer in writers for line in writer.communicate()[0].splitlines()]
    signer.communicate()
    assert [process.returncode for process in (*writers, signer)] == [0] * 9
    stands, numbers = judge(office, acknowledged)
    assert sum(len(line["entries"]) for line in acknowledged) == len(stands["entries"])
    assert sorted(numbers) == list(range(1, stands["last"] + 1))


def test_killed_at_any_moment(office):
    """Writers and signer die by SIGKILL in the middle of their work, three times over; nothing acknowledged is lost."""
    acknowledged = []
    for life in range(3):
        processes = [office.start("enter", f"life-{life}-{number}", "0") for number in range(2)]
        processes.append(office.start("checkpoint", "0"))
        said = ["".join(process.stdout.readline() for _ in range(3 + 2 * life)) for process in processes]
        for process in processes:
            process.send_signal(signal.SIGKILL)
        said = [before + process.communicate()[0] for before, process in zip(said, processes, strict=True)]
        whole = [line for text in said[:2] for line in text.splitlines(keepends=True) if line.endswith("\n")]
        acknowledged += [json.loads(line) for line in whole]
        judge(office, acknowledged)
    office.run("checkpoint", "1")
    stands, numbers = judge(office, acknowledged)
    assert set(numbers) <= set(range(1, stands["last"] + 1))
