// SPDX-License-Identifier: ISC
// Compares the days off that carnet computes out of formats/letters/
// holidays.json with the npm package date-holidays, weekdays from 2000 to
// 2100. test_second_source.py runs it; by hand:
//
//   npm install --prefix /tmp/holidays date-holidays@3.37.0
//   node tests/vault/consent/check_holidays.mjs \
//       build/tests/vault/consent/test_holidays /tmp/holidays
//
// A country whose days agree, but for the differences explained below, may
// have "estimate": false. Exit 1 if one that says so doesn't agree.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [program, packages = '.',
	dataPath = 'formats/letters/holidays.json'] = process.argv.slice(2);
const Holidays = createRequire(join(packages, 'package.json'))('date-holidays');
const data = JSON.parse(readFileSync(dataPath, 'utf8'));

// What the package files under "bank" and the law counts as a day off.
const banks = { SE: ['midsommarafton', 'julafton', 'nyårsafton'],
	FI: ['juhannusaatto', 'jouluaatto'] };

// Half days, and days that the package gives the whole country.
const notOff = {
	IS: ['Aðfangadagur', 'Gamlársdagur'],
	LI: ['Feiertagsbrücke'],
};

// Differences whose reason is known: calendars, days, why we differ.
const explained = [
	[/^CZ/, /^20(0.|1[0-5])-0[34]/, 'Good Friday only since 2016'],
	[/^DE-BY/, /-08-15$/, 'in most communes, Munich among them'],
	[/^FR-(GP|MQ)/, /-0[34]-/, 'Good Friday: custom, not the law'],
	[/^GB/, /^2002-0[56]|^2011-04-29|^2012-0[56]/,
		'spring holiday moved, jubilees, wedding'],
	[/^GB/, /^2022-0(5-30|6-02)/, 'spring holiday moved to June 2nd'],
	[/^GB-SCT/, /^200[0-6]-1[12]-/, 'St Andrew only since 2007'],
	[/^IS/, /-04-(18|25)$/, 'a Thursday from 19 to 25; 25 April in 2024'],
	[/^IT/, /^2000-06-02/, 'law 336/2000 came in November'],
	[/^LV/, /^2018-09-24/, 'visit of the Pope, once'],
	[/^PL/, /^2018-11-12/, 'centenary, once'],
	[/^PT/, /^201[3-5]-/, 'four holidays suspended from 2013 to 2015'],
	[/^RO/, /^20(0.|1.|2[0-3])-/, 'holidays introduced one by one'],
	[/^SE/, /^200[0-4]-0[56]-/, 'Whit Monday until 2004'],
	[/^SI/, /^20(0.|1[0-2])-01-02|^2023-08-14/,
		'abolished from 2013 to 2016; floods'],
];

function theirs(code) {
	const [country, region] = code.split('-');
	const holidays = region ? new Holidays(country, region)
				: new Holidays(country);
	const days = new Set();

	for (let year = 2000; year <= 2100; year++) {
		for (const holiday of holidays.getHolidays(year)) {
			const { name, type, start, end, date } = holiday;
			const length = Math.round((end - start) / 86400000);
			const counted = type === 'public' ||
				(banks[country] ?? []).includes(name);

			if (!counted || (notOff[country] ?? []).includes(name))
				continue;
			for (let i = 0; i < Math.max(length, 1); i++) {
				const at = new Date(date.slice(0, 10) +
					'T00:00Z');

				at.setUTCDate(at.getUTCDate() + i);
				if (at.getUTCDay() % 6 !== 0)
					days.add(at.toISOString().slice(0, 10));
			}
		}
	}
	return days;
}

function ours() {
	const text = execFileSync(program, [dataPath, '--days'],
		{ encoding: 'utf8', maxBuffer: 1 << 28 });
	const days = new Map();

	for (const line of text.trim().split('\n')) {
		const [code, day] = line.split(' ');

		if (!days.has(code))
			days.set(code, new Set());
		days.get(code).add(day);
	}
	return days;
}

const known = (code, day) => explained.some(([where, days]) =>
	where.test(code) && days.test(day));
const short = days => days.length > 8
	? `${days.slice(0, 4).join(' ')} … ${days.at(-1)} (${days.length})`
	: days.join(' ');
const disagree = new Set();

for (const [code, mine] of ours()) {
	const country = code.slice(0, 2);
	const other = theirs(code);

	// without a region the list isn't whole: regions are compared
	if (data[country].regional && code === country)
		continue;
	const more = [...mine].filter(day => !other.has(day) &&
		!known(code, day));
	const less = [...other].filter(day => !mine.has(day) &&
		!known(code, day));
	if (more.length + less.length > 0) {
		disagree.add(country);
		console.log(`${code}: only ours: ${short(more) || '-'}; ` +
			`only theirs: ${short(less) || '-'}`);
	}
}

const wrong = Object.keys(data).filter(country => disagree.has(country) &&
	!data[country].estimate);
const agree = Object.keys(data).filter(country => !disagree.has(country));

console.log(`agree: ${agree.join(' ')}`);
console.log(`an estimate all the same: ${agree.filter(country =>
	data[country].estimate).join(' ') || '-'}`);
if (wrong.length > 0) {
	console.log(`said to be checked, but differ: ${wrong.join(' ')}`);
	process.exit(1);
}
