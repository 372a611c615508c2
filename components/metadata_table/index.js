// The entry that Streamlit calls.

import { keepViews } from '../shared/mount.js';
import { TableView } from './view.js';

/** @param {import('./view.js').TableComponent} component */
const create = (component) => new TableView(component);

export default keepViews(create);
