#!/usr/bin/env node
'use strict';

const { existsSync } = require('node:fs');
const path = require('node:path');

const executable = path.join(__dirname, '../dist/bundle/case-tracker.cjs');
if (existsSync(executable)) {
  require(executable);
} else {
  process.stderr.write('error: case-tracker is not built\n  hint: npm ci (in its own folder), then try again\n');
  process.exitCode = 70;
}
