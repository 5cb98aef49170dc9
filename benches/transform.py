"""Measures the transform on a Postgres of its own.

    python3 benches/transform.py                  # builds first; needs cargo, dbt's venv as in the README, and Postgres
    python3 benches/transform.py --binary target/debug/firstpress --albums 1000

Three figures, each of one run on one machine, so that they can be compared with each other:

- the same build from the start, by firstpress and by `dbt build`, tests included;
- what the engine adds: the time of a transform in which no backend of the server had a statement to execute;
- a hundred new albums after a history, and after ten times the history: the whole `firstpress transform`.
"""

import argparse
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
SQL = ROOT / "benches" / "transform"
DBT = ROOT / "target" / "dbt-venv" / "bin" / "dbt"
REPEATS = 5
SERVER = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "log_min_duration_statement": "0",
    "log_line_prefix": "%m ",
    "log_timezone": "UTC",
    "shared_buffers": "512MB",
}


def main():
    options = arguments()
    if not options.binary:
        subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=ROOT, check=True)
        options.binary = ROOT / "target" / "release" / "firstpress"
    with server() as base:
        bench = Bench(base, options)
        bench.load()
        bench.against_dbt()
        bench.overhead()
        bench.growth()


class Bench:
    def __init__(self, base, options):
        self.base, self.log, self.options = base["url"], base["log"], options
        self.env = dict(os.environ, PGHOST="127.0.0.1", PGPORT=base["port"], PGUSER="postgres", LOG_FORMAT="json")

    def load(self):
        self.psql("postgres", "--command=create database history")
        sandbox = ["--albums", str(self.options.albums), "--release-every", "0", "--calls-per-window", "0"]
        self.firstpress("history", "run", "--sandbox", *sandbox, SPOTIFY_REQUESTS_PER_SECOND="1000000")
        self.psql("history", f"--file={SQL / 'earlier.sql'}", "--command=vacuum analyze")

    def against_dbt(self):
        ours = [self.firstpress("history", "transform", "--full-refresh") for _ in range(REPEATS)]
        print(f"firstpress, from the start: {show(ours)}")
        if not DBT.exists():
            return print(f"dbt: skipped, since {DBT.relative_to(ROOT)} is not there")
        self.psql("postgres", "--command=create database by_dbt template history")
        theirs = [self.dbt("by_dbt") for _ in range(3)]
        print(f"dbt build, from the start: {show(theirs)}, {median(theirs) / median(ours):.1f} times as long")

    def overhead(self):
        walls, own = [], []
        for _ in range(REPEATS):
            begin = self.log.stat().st_size
            walls.append(self.firstpress("history", "transform"))
            own.append(walls[-1] - busy_seconds(self.log, begin))
        print(f"a transform with nothing new: {show(walls)}, of which no statement ran for {show(own)}")

    def growth(self):
        self.psql("postgres", "--command=create database ten_times template history")
        self.psql("ten_times", f"--file={SQL / 'ten_times.sql'}", "--command=vacuum analyze")
        took = {}
        for database in ("history", "ten_times"):
            self.firstpress(database, "transform", "--full-refresh")
            self.psql(database, "--command=vacuum analyze")
            took[database] = []
        for day in range(REPEATS):
            for database, seconds in took.items():
                self.psql(database, f"--set=day={day}", f"--file={SQL / 'new_day.sql'}")
                seconds.append(self.firstpress(database, "transform"))
        once, ten_times = took["history"], took["ten_times"]
        ratio = median(ten_times) / median(once)
        print(f"100 new albums after {self.options.albums}: {show(once)}; after ten times as many: {show(ten_times)}, ratio {ratio:.2f}")

    def firstpress(self, database, *command, **settings):
        return self.timed([self.options.binary, *command], DATABASE_URL=f"{self.base}/{database}", **settings)

    def dbt(self, database):
        target = ROOT / "target" / "dbt"
        command = [DBT, "--quiet", "build", "--full-refresh", "--project-dir", "templates", "--profiles-dir", ".ci"]
        settings = {"PGDATABASE": database, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
        return self.timed([*command, "--target-path", target, "--log-path", target], **settings)

    def timed(self, command, **settings):
        begin = time.monotonic()
        ended = subprocess.run(command, cwd=ROOT, env=self.env | settings, capture_output=True, text=True)
        if ended.returncode != 0:
            raise SystemExit(f"{command} ended with {ended.returncode}: {ended.stderr[-2000:]}{ended.stdout[-2000:]}")
        return time.monotonic() - begin

    def psql(self, database, *arguments):
        command = ["psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", f"--dbname={self.base}/{database}", *arguments]
        subprocess.run(command, check=True)


def busy_seconds(log, begin):
    """Seconds in which some backend had a statement to execute, by the server's log from this byte on."""
    with log.open(errors="replace") as lines:
        lines.seek(begin)
        found = re.findall(r"^(\S+ \S+) UTC LOG:  duration: ([0-9.]+) ms", lines.read(), re.MULTILINE)
    ends = [(datetime.fromisoformat(end), timedelta(milliseconds=float(ms))) for end, ms in found]
    intervals = sorted((end - duration, end) for end, duration in ends)
    busy, until = timedelta(), datetime.min
    for start, end in intervals:
        if end > until:
            busy += end - max(start, until)
            until = end
    return busy.total_seconds()


def show(seconds):
    return f"{median(seconds):.3f} s ({min(seconds):.3f} to {max(seconds):.3f})"


@contextmanager
def server():
    """A fresh cluster, as a user that may run one."""
    bin_dir = Path(subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=True).stdout.strip())
    folder = Path(tempfile.mkdtemp(prefix="firstpress-bench-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
    if as_user:
        shutil.chown(folder, "postgres")
    data, log = folder / "data", folder / "log"
    initdb = [*as_user, bin_dir / "initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", f"--pgdata={data}"]
    subprocess.run(initdb, check=True, capture_output=True, cwd="/")
    settings = " ".join(f"-c {name}='{value}'" for name, value in (SERVER | {"port": port}).items())
    control = [*as_user, bin_dir / "pg_ctl", "--silent", f"--pgdata={data}"]
    subprocess.run([*control, "start", "--wait", f"--log={log}", f"--options={settings}"], check=True, cwd="/")
    try:
        yield {"url": f"postgres://postgres@127.0.0.1:{port}", "port": port, "log": log}
    finally:
        subprocess.run([*control, "stop", "--mode=immediate"], check=False, cwd="/")
        shutil.rmtree(folder, ignore_errors=True)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, help="instead of a release build")
    parser.add_argument("--albums", type=int, default=2000, help="albums of the history, ten tracks each")
    return parser.parse_args()


if __name__ == "__main__":
    main()
