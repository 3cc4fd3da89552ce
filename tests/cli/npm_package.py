# SPDX-License-Identifier: ISC
"""A package of npm, for the tests alone: fetched into a folder of its own that
is gone afterwards, its scripts never run.  Where npm can't fetch, the case is
skipped and counted so.  CARNET_NPM names a folder that has it already: the
suite's own, see setup.  Versions: tests/npm_packages."""
import contextlib
import os
import shutil
import subprocess
import tempfile

from program import Skipped


PACKAGES = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..',
                        'npm_packages')


def version_of(name):
    with open(PACKAGES, encoding='ascii') as file:
        return dict(line.split() for line in file)[name]


def has(folder, name):
    return os.path.isdir(os.path.join(folder, 'node_modules', name))


@contextlib.contextmanager
def npm_package(name, node=False):
    """The folder whose node_modules has it; node: it is to be run."""
    if node and shutil.which('node') is None:
        raise Skipped('node is not installed')
    folder = os.environ.get('CARNET_NPM')
    if folder is not None:
        if not has(folder, name):
            raise Skipped('CARNET_NPM has no ' + name)
        yield folder
        return
    if shutil.which('npm') is None:
        raise Skipped('npm is not installed')
    folder = tempfile.mkdtemp(prefix='carnet-npm-')
    try:
        try:
            subprocess.run(
                ['npm', 'install', '--prefix', folder, '--no-audit',
                 '--no-fund', '--ignore-scripts', '--fetch-retries=0',
                 '--cache', os.path.join(folder, 'cache'),
                 '%s@%s' % (name, version_of(name))], check=True, timeout=120,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        except (subprocess.SubprocessError, OSError) as error:
            raise Skipped('npm has no ' + name) from error
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
