// SPDX-License-Identifier: ISC
// Reads a calendar with ical.js, the parser that Thunderbird has, and prints
// its events as JSON. For test_statement.py.
//
//   node read_calendar.mjs PACKAGES FILE.ics
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [packages, path] = process.argv.slice(2);
const ICAL = createRequire(join(packages, 'package.json'))('ical.js');
const calendar = new ICAL.Component(ICAL.parse(readFileSync(path, 'utf8')));
const events = calendar.getAllSubcomponents('vevent').map(component => {
	const event = new ICAL.Event(component);
	const stamp = component.getFirstPropertyValue('dtstamp');

	return {
		uid: event.uid,
		summary: event.summary,
		start: event.startDate.toString(),
		whole_day: event.startDate.isDate,
		stamp: stamp.toString(),
		utc: stamp.zone.tzid,
		sequence: event.sequence,
		status: component.getFirstPropertyValue('status'),
		alarms: component.getAllSubcomponents('valarm').map(alarm => ({
			action: alarm.getFirstPropertyValue('action'),
			days: alarm.getFirstPropertyValue('trigger').toSeconds() /
				86400,
		})),
	};
});

console.log(JSON.stringify({
	version: calendar.getFirstPropertyValue('version'),
	method: calendar.getFirstPropertyValue('method'),
	events,
}));
