/** The page of a run under way. */

import { find } from './elements.js';

find('#headline').textContent = 'Connecting to the run';
