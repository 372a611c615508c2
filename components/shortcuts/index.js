// The entry that Streamlit calls.

import { keepViews } from '../shared/mount.js';
import { ShortcutsView } from './view.js';

/** @param {import('./view.js').ShortcutsComponent} component */
const create = (component) => new ShortcutsView(component);

export default keepViews(create);
