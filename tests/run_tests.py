#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""
Builds carnet as shipped and with sanitizers, and runs every check and test;
with ThreadSanitizer those of what works on several threads.
Counts test cases, not executables; installs nothing; refuses to run as root.
Called by ./setup test; CONTRIBUTING.md says what is run.
"""
import concurrent.futures
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

JOBS = 2
SCRIPT_LINE = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped$")
SANITIZERS = ":".join((
    "halt_on_error=1", "print_stacktrace=1", "detect_leaks=1",
    "detect_stack_use_after_return=1", "strict_string_checks=1",
    "exitcode=99", "abort_on_error=0"))


class Count:
    """What one executable said of its test cases, and what is known of it."""

    def __init__(self, passed=0, failed=0, skipped=0):
        self.passed = passed
        self.failed = failed
        self.skipped = skipped

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def __str__(self):
        return (f"{self.passed} passed, {self.failed} failed, "
                f"{self.skipped} skipped")


def count_cmocka(text):
    """cmocka's standard output, of any number of groups; None: not cmocka."""
    announced = re.findall(r"\[=+\] (?:\S+ )?Running (\d+) test\(s\)\.", text)
    if not announced:
        return None
    summaries = re.findall(r"\[  PASSED  \] (\d+) test\(s\)\.", text)
    listed = r"\[  %s\] (\d+) test\(s\), listed below"
    if len(summaries) == len(announced):
        count = Count(
            sum(map(int, summaries)),
            sum(map(int, re.findall(listed % "FAILED  ", text))),
            sum(map(int, re.findall(listed % "SKIPPED ", text))))
    else:  # it died inside a group: only single results are there
        names = r"\[  %s\] (?!\d+ test\(s\))(\S+)"
        count = Count(
            len(re.findall(r"\[       OK \] \S", text)),
            len(set(re.findall(names % "FAILED  ", text))) + 1,
            len(set(re.findall(names % "SKIPPED ", text))))
    # a test that errored in a fixture stands in no summary
    unheard = (sum(map(int, announced)) - count.passed - count.failed
               - count.skipped)
    count.failed += max(unheard, 0)
    return count


def count_script(text):
    """The closing line of a script, or None."""
    lines = [line for line in text.splitlines() if line.strip()]
    match = SCRIPT_LINE.match(lines[-1].strip()) if lines else None
    return Count(*map(int, match.groups())) if match else None


def count_output(text, status):
    """Test cases from output and exit status (negative: a signal)."""
    count = count_cmocka(text) or count_script(text)
    if count is None:
        if status == 77:
            return Count(skipped=1)
        return Count(passed=1) if status == 0 else Count(failed=1)
    total = count.passed + count.failed + count.skipped
    if (status != 0 or total == 0) and count.failed == 0:
        count.failed = 1
    return count


class Test:
    """One executable of the suite, run in folders of its own."""

    def __init__(self, name, argv, cwd, env, seconds, parallel=True):
        self.name = name
        self.argv = argv
        self.cwd = cwd
        self.env = env
        self.seconds = seconds
        self.parallel = parallel
        self.count = Count()
        self.output = ""
        self.took = 0.0

    def run(self, room):
        """Runs it below the folder room, which is removed again."""
        home, tmp = os.path.join(room, "home"), os.path.join(room, "tmp")
        os.makedirs(home, 0o700)
        os.makedirs(tmp, 0o700)
        env = dict(os.environ, HOME=home, TMPDIR=tmp)
        env.update(self.env)
        report = os.path.join(room, "report")
        for variable in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
            if variable in env:
                env[variable] += ":log_path=" + report
        start = time.monotonic()
        status, why = self.execute(env, os.path.join(room, "output"))
        self.took = time.monotonic() - start
        with open(os.path.join(room, "output"), "rb") as file:
            self.output = file.read().decode("utf-8", "replace")
        self.count = count_output(self.output, status)
        self.output += why
        self.add_reports(room)
        subprocess.run(["chmod", "-R", "u+rwX", room], check=False)
        shutil.rmtree(room, ignore_errors=True)

    def execute(self, env, output):
        with open(output, "wb") as file:
            try:
                process = subprocess.Popen(
                    self.argv, cwd=self.cwd, env=env,
                    stdin=subprocess.DEVNULL, stdout=file,
                    stderr=subprocess.STDOUT, start_new_session=True)
            except OSError as error:
                return 127, f"cannot be started: {error}\n"
            why = ""
            try:
                status = process.wait(self.seconds)
            except subprocess.TimeoutExpired:
                why = f"stopped after {self.seconds} seconds\n"
                status = -signal.SIGKILL
            try:  # what it may have left behind
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
        if status < 0 and not why:
            why = f"ended by signal {-status}\n"
        return status, why

    def add_reports(self, room):
        """A sanitizer's report fails the test, whoever swallowed the exit."""
        reports = [name for name in sorted(os.listdir(room))
                   if name.startswith("report.")]
        for name in reports:
            path = os.path.join(room, name)
            with open(path, encoding="utf-8", errors="replace") as file:
                self.output += file.read()
        if reports and self.count.failed == 0:
            self.count.failed = 1

    def report(self):
        word = "ok  " if self.count.failed == 0 else "FAIL"
        print(f"{word} {self.name:<32} {self.count}  {self.took:.1f} s",
              flush=True)
        if self.count.failed:
            print(self.output.rstrip("\n"))
            print(f"---- end of the output of {self.name}", flush=True)
        elif self.count.skipped:
            for line in self.output.splitlines():
                if re.match(r"\[  SKIPPED \] \D|skipped: ", line):
                    print(f"     {line}", flush=True)


def run_all(tests, scratch):
    """Runs tests, JOBS at a time; those that want no company after them."""
    total = Count()

    def run(numbered):
        number, test = numbered
        test.run(os.path.join(scratch, str(number)))
        return test

    together = [(n, t) for n, t in enumerate(tests) if t.parallel]
    alone = [(n, t) for n, t in enumerate(tests) if not t.parallel]
    for group, workers in ((together, JOBS), (alone, 1)):
        with concurrent.futures.ThreadPoolExecutor(workers) as pool:
            for test in pool.map(run, group):
                test.report()
                total.add(test.count)
    return total


def build(source, folder, options, targets=()):
    """True when folder was configured and built; says why not."""
    for argv in (["meson", "setup", *options, folder, source],
                 ["ninja", "-C", folder, "-j", str(JOBS), *targets]):
        done = subprocess.run(argv, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        if done.returncode != 0:
            print(f"FAIL {' '.join(argv)}")
            print(done.stdout.decode("utf-8", "replace"), flush=True)
            return False
    return True


def suite(folder, patience, extra):
    """The tests that Meson knows in a build folder."""
    listing = subprocess.run(["meson", "introspect", "--tests", folder],
                             check=True, stdout=subprocess.PIPE)
    tests = []
    for item in sorted(json.loads(listing.stdout),
                       key=lambda item: -item["priority"]):
        rooms = [name.split(":")[-1] for name in item["suite"]]
        name = "/".join([room for room in rooms
                         if room and room != "carnet"] + [item["name"]])
        seconds = item["timeout"] * patience if item["timeout"] > 0 else 900
        tests.append(Test(name, item["cmd"], item["workdir"] or folder,
                          dict(item["env"], **extra), seconds,
                          item["is_parallel"]))
    return tests


def threads(source, scratch):
    """ThreadSanitizer over the tests of what works on several threads."""
    folder = os.path.join(scratch, "threads")
    names = ["ahead", "batch", "parallel", "store", "follow"]
    targets = [f"tests/vault/store/test_store_{name}" for name in names[:-1]]
    targets.append("tests/vault/test_follow")
    print("== threads: building", flush=True)
    if not build(source, folder, ["--buildtype=debugoptimized",
                                  "-Db_sanitize=thread", "-Db_lundef=false"],
                 targets):
        return Count(failed=1)
    print("== threads: tests", flush=True)
    env = {"TSAN_OPTIONS": "halt_on_error=1:exitcode=99",
           "CARNET_VECTORS": os.path.join(source, "tests", "vectors")}
    # its shadow memory and a kernel's random addresses may not go together
    fixed = ["setarch", "-R"] if subprocess.run(
        ["setarch", "-R", "true"], check=False,
        stderr=subprocess.DEVNULL).returncode == 0 else []
    return run_all([Test("threads/" + name, [
        *fixed, os.path.join(folder, target)], folder, env, 900)
                    for name, target in zip(names, targets)], scratch)


def styles(source, folder):
    """The checks of the sources; folder is a build of them."""
    here = os.path.join(source, "tests")
    return [Test(name, [os.path.join(here, script), source, folder],
                 source, {}, 1800)
            for name, script in (("style", "check_style.sh"),
                                 ("arrows", "check_arrows.py"),
                                 ("the checks themselves", "test_checks.py"))]


def main(argv):
    if len(argv) != 3:
        print("usage: run_tests.py SOURCE SCRATCH", file=sys.stderr)
        return 2
    if os.geteuid() == 0:
        print("run_tests.py: not as root: tests of permissions would pass "
              "for nothing", file=sys.stderr)
        print(Count(failed=1))
        return 1
    source, scratch = argv[1], argv[2]
    total = Count()
    sanitize = {"ASAN_OPTIONS": SANITIZERS, "UBSAN_OPTIONS": SANITIZERS,
                "LSAN_OPTIONS": "print_suppressions=0:suppressions="
                + os.path.join(source, "tests", "leaks.supp"),
                "CARNET_SANITIZED": "1"}
    stages = (
        ("as built", "release", ["--buildtype=release"], 2, {}),
        ("with sanitizers", "sanitized",
         ["--buildtype=debugoptimized", "-Db_sanitize=address,undefined",
          "-Dc_args=-fno-sanitize-recover=undefined"], 6, sanitize))
    for title, name, options, patience, extra in stages:
        folder = os.path.join(scratch, name)
        print(f"== {title}: building", flush=True)
        if not build(source, folder, options):
            total.add(Count(failed=1))
            continue
        if name == "release":
            print("== the sources", flush=True)
            total.add(run_all(styles(source, folder), scratch))
        print(f"== {title}: tests", flush=True)
        total.add(run_all(suite(folder, patience, extra), scratch))
    total.add(threads(source, scratch))
    print(total)
    return 1 if total.failed or not total.passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
