// The entry that Streamlit calls.

import { keepViews } from '../shared/mount.js';
import { HistogramView } from './view.js';

/** @param {import('./view.js').HistogramComponent} component */
const create = (component) => new HistogramView(component);

export default keepViews(create);
