#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Turns a text file into a C header with one string constant.
usage: embed.py NAME INPUT OUTPUT"""
import sys

name, source, target = sys.argv[1:]
with open(source, encoding='utf-8') as f:
    lines = f.read().splitlines()
with open(target, 'w', encoding='utf-8') as f:
    f.write('static const char %s[] =\n' % name)
    for line in lines:
        text = line.replace('\\', '\\\\').replace('"', '\\"')
        text = text.replace('\t', '\\t')
        f.write('\t"%s\\n"\n' % text)
    f.write('\t"";\n')
