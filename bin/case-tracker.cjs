#!/usr/bin/env node
'use strict';

const { existsSync } = require('node:fs');
const path = require('node:path');

const executable = path.join(__dirname, '../dist/bundle/case-tracker.cjs');
if (existsSync(executable)) {
  try {
    require(executable);
  } catch (error) {
    // Parts of it are missing, or there is no descriptor left to read them with.
    process.stderr.write(`error: case-tracker cannot be loaded: ${String(error.message).split('\n', 1)[0]}\n`);
    process.exitCode = 70;
  }
} else {
  process.stderr.write('error: case-tracker is not built\n  hint: npm ci (in its own folder), then try again\n');
  process.exitCode = 70;
}
