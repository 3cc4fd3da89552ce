#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The holidays that carnet reckons with against those of the npm package
date-holidays, weekdays from 2000 to 2100.

usage: test_second_source.py TEST_HOLIDAYS SOURCE
"""
import json
import os
import subprocess
import sys

SOURCE = os.path.abspath(sys.argv.pop(2))
sys.path.insert(0, os.path.join(SOURCE, 'tests', 'cli'))
from npm_package import npm_package  # noqa: E402
from program import main  # noqa: E402

DATA = os.path.join(SOURCE, 'formats/letters/holidays.json')
SCRIPT = os.path.join(SOURCE, 'tests/vault/consent/check_holidays.mjs')


def compare(p, folder, data):
    done = subprocess.run(
        ['node', SCRIPT, p.program, folder, data], check=False, timeout=240,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding='utf-8')
    return done.returncode, done.stdout


def holidays():
    with open(DATA, encoding='utf-8') as file:
        return json.load(file)


def the_second_source_agrees(p):
    """Every country that isn't called an estimate."""
    with npm_package('date-holidays', node=True) as folder:
        code, said = compare(p, folder, DATA)
        assert code == 0, said
        agree = [line for line in said.splitlines()
                 if line.startswith('agree: ')][0].split()[1:]
        sure = {name for name, country in holidays().items()
                if not country['estimate']}
        assert sure and sure <= set(agree), sure - set(agree)
        # one day too few, one too many: both are found
        france = {'FR': holidays()['FR']}
        rules = france['FR']['holidays']
        for wrong in (rules[1:], rules + [{
                'name': 'none', 'kind': 'fixed', 'month': 6, 'day': 2}]):
            france['FR']['holidays'] = wrong
            code, said = compare(p, folder, p.write(
                'holidays.json', json.dumps(france)))
            assert code == 1, said
            assert 'said to be checked, but differ: FR' in said, said


if __name__ == '__main__':
    main((the_second_source_agrees,))
