"""Measures firstpress against its own sandbox on loopback and a native Postgres, without a rate limit and with one.

    python3 benches/run.py            # builds first; needs cargo, psql and a Postgres server
    python3 benches/run.py --peers    # also dlt and the strongest short Python, in a venv below target/
    python3 benches/run.py --no-gzip --server postgres://postgres:secret@127.0.0.1:5432/postgres

A database `firstpress_bench` is made there, and dropped at the end. The machine's other work counts too: compare
figures of one run with each other. "Load" ends when the raw rows are committed, which is all that the peers do;
"all" has the models and their checks as well. CPU is user and system time; of the server, that of our backends.
"""

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "target" / "bench"
BINARY = ROOT / "target" / "release" / "firstpress"
DATABASE = "firstpress_bench"
PEERS = ["aiohttp==3.14.5", "orjson==3.13.0", "asyncpg==0.32.0", "dlt[postgres]==1.31.0"]
UNLIMITED = 1_000_000
DISK = """
with sizes as (
    select relname, pg_total_relation_size(pg_class.oid) / 1048576.0 / {0} * 1000 as megabytes
    from pg_class inner join pg_namespace on relnamespace = pg_namespace.oid
    where nspname = 'raw' and relkind = 'r'
)
select 'raw in all', round(sum(megabytes), 2) from sizes
union all
select relname, round(megabytes, 2) from sizes
order by 2 desc
"""
LOADED = """
select
    extract(epoch from min(started_at)),
    extract(epoch from max(finished_at) filter (where step in ('load', 'refresh')))
from ops.run_steps
where run_id = (select run_id from ops.runs order by started_at desc limit 1)
"""

ARCHIVED = """
select
    round(extract(epoch from finished_at - started_at), 2),
    round((select sum(bytes) from ops.archives) / 1048576.0, 2)
from ops.run_steps
where step = 'archive'
"""


def main():
    options = arguments()
    build = ["cargo", "build", "--release", "--quiet", "--features", "archive"]
    subprocess.run(build, cwd=ROOT, check=True)
    WORK.mkdir(parents=True, exist_ok=True)
    with sandbox(options.albums, options) as api:
        table = [measure("firstpress, first load", [BINARY, "run", "--json"], api, options, fresh=True)]
        disk = psql(options.server, DISK.format(options.albums), database=DATABASE)
        table.append(measure("firstpress, nothing new", [BINARY, "run", "--json"], api, options))
        archive = WORK / "archive"
        shutil.rmtree(archive, ignore_errors=True)
        os.environ["ARCHIVE_URL"] = str(archive)
        table.append(measure("firstpress, first load, archived", [BINARY, "run", "--json"], api, options, fresh=True))
        [(seconds, megabytes)] = psql(options.server, ARCHIVED, database=DATABASE)
        del os.environ["ARCHIVE_URL"]
        if options.peers:
            table += peers(api, options)
    show(table)
    print(f"\ncalls: {table[0]['calls']}, the least possible: {least_calls(options.albums, options.tracks)}")
    print("\nMB on disk per thousand albums:")
    print("\n".join(f"  {size:>8}  {name}" for name, size in disk))
    print(f"\narchived in {seconds} s: {megabytes} MB")
    for window in (5, 30) if options.rate else ():
        paced(options, window)
    psql(options.server, f"drop database {DATABASE} with (force)")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--albums", type=int, default=5000)
    parser.add_argument("--tracks", type=int, default=10, help="on each album")
    parser.add_argument("--rate", type=float, default=20, help="calls a second, for the run with a limit; 0: without")
    parser.add_argument("--no-gzip", action="store_true", help="the sandbox sends plain bodies")
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--server", default="postgres://postgres:trust@127.0.0.1:5432/postgres")
    return parser.parse_args()


def peers(api, options):
    python = WORK / "venv" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", WORK / "venv"], check=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", *PEERS], check=True)
    short, dlt = (ROOT / "benches" / "peers" / name for name in ("aiohttp_asyncpg.py", "dlt_pipeline.py"))
    table = []
    for name, command in {
        "aiohttp + orjson + asyncpg": [python, short],
        "dlt, one call at a time": [python, dlt],
        "dlt, 20 workers": [python, dlt, "--workers", "20"],
    }.items():
        subprocess.run(["rm", "-rf", WORK / "dlt"], check=True)
        table.append(measure(f"{name}, first load", command, api, options, fresh=True))
        table.append(measure(f"{name}, nothing new", command, api, options))
    return table


def paced(options, window):
    """A run under a limit that the sandbox enforces over its rolling window: how far from calls / rate it ends."""
    albums = 600 if window < 10 else 2000
    limit = ["--calls-per-window", str(round(options.rate * window)), "--window-seconds", str(window)]
    with sandbox(albums, options, *limit) as api:
        row = measure("paced", [BINARY, "run", "--json"], api, options, fresh=True, rate=options.rate)
    ideal = row["calls"] / options.rate
    print(
        f"\n{options.rate:g} calls a second, window of {window} s: {row['calls']} calls in {row['steps']:.2f} s, "
        f"{100 * (row['steps'] / ideal - 1):+.1f} % of calls / rate; {row['refused']} answers with 429"
    )


@contextmanager
def sandbox(albums, options, *limit):
    """Serves `albums` albums; gives the environment that points to it."""
    command = [BINARY, "sandbox", "--listen", "127.0.0.1:0", "--release-every", "0", "--albums", str(albums)]
    command += ["--tracks-per-album", str(options.tracks), *(limit or ["--calls-per-window", "0"])]
    server = subprocess.Popen(command + ["--no-gzip"] * options.no_gzip, stdout=subprocess.PIPE, text=True)
    try:
        yield dict(server.stdout.readline().strip().split("=", 1) for _ in range(5))
    finally:
        server.terminate()
        server.wait()


def measure(name, command, api, options, fresh=False, rate=UNLIMITED):
    """Runs the command: wall time, CPU, peak memory, and the calls that the sandbox counted."""
    if fresh:
        psql(options.server, f"drop database if exists {DATABASE} with (force)", f"create database {DATABASE}")
    control(api, "DELETE")
    environment = os.environ | api | {
        "DATABASE_URL": options.server.rsplit("/", 1)[0] + f"/{DATABASE}",
        "SPOTIFY_REQUESTS_PER_SECOND": str(rate),
        "SPOTIFY_MAX_IN_FLIGHT": "8",
        "PIPELINES_DIR": str(WORK / "dlt"),
    }
    command += ["--no-gzip"] * (options.no_gzip and command[0] != BINARY)
    with open(WORK / "log", "w") as log:
        started = time.time()
        process = subprocess.Popen(command, env=environment, cwd=WORK, stdout=log, stderr=log)
        row = {"name": name} | watch(process)
    if process.returncode:
        sys.exit(f"{name} ended with {process.returncode}:\n{(WORK / 'log').read_text()[-2000:]}")
    row |= {"all": time.time() - started, "load": time.time() - started}
    statuses = [call["status"] for call in control(api, "GET") if call["endpoint"] != "token"]
    row |= {"calls": len(statuses), "refused": statuses.count(429)}
    if command[0] == BINARY:
        [(first, loaded)] = psql(options.server, LOADED, database=DATABASE)
        row |= {"load": float(loaded) - started, "steps": float(loaded) - float(first)}
    return row


def watch(process):
    """Waits for the process: its CPU seconds, those of its database sessions, and its peak memory in MB."""
    peak, sessions = 0, {}
    while process.returncode is None:
        peak = max(peak, high_water(process.pid))
        sessions |= session_cpu()
        time.sleep(0.02)
        ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        if ended:
            process.returncode = os.waitstatus_to_exitcode(status)
    return {"cpu": usage.ru_utime + usage.ru_stime, "server": sum(sessions.values()), "peak": peak}


def high_water(pid):
    lines = read(f"/proc/{pid}/status").splitlines()
    return max((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), default=0)


def session_cpu():
    """CPU seconds by session of our database, where the server is on this machine."""
    seconds = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        title = read(f"/proc/{pid}/cmdline")
        if title.startswith("postgres:") and f" {DATABASE} " in title:
            fields = read(f"/proc/{pid}/stat").rpartition(")")[2].split()
            if fields:
                seconds[pid] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return seconds


def read(path):
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def control(api, method):
    """The sandbox's record of calls: gives it, or forgets it."""
    url = api["SPOTIFY_API_URL"].removesuffix("/v1") + "/_sandbox/calls"
    with urllib.request.urlopen(urllib.request.Request(url, method=method)) as answer:
        return json.loads(answer.read() or "null")


def psql(server, *statements, database="postgres"):
    """Rows of the last statement, as lists of text."""
    url = server.rsplit("/", 1)[0] + f"/{database}"
    command = ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", url, *(part for sql in statements for part in ("-c", sql))]
    environment = os.environ | {"PGOPTIONS": "-c client_min_messages=warning"}
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return [line.split("|") for line in done.stdout.splitlines()]


def least_calls(albums, tracks):
    pages = math.ceil(albums / 50) + albums * (math.ceil(tracks / 50) - 1)
    return pages + math.ceil(albums / 20) + math.ceil(albums * tracks / 50) + math.ceil(albums * tracks / 100)


def show(table):
    print(f"{'':44} {'load s':>7} {'all s':>7} {'CPU s':>7} {'server CPU s':>13} {'peak MB':>8} {'calls':>6} {'429':>4}")
    for row in table:
        print(
            f"{row['name']:44} {row['load']:7.2f} {row['all']:7.2f} {row['cpu']:7.2f} {row['server']:13.2f} "
            f"{row['peak']:8.1f} {row['calls']:6} {row['refused']:4}"
        )


if __name__ == "__main__":
    main()
