// The entry that Streamlit calls.

import { keepViews } from '../shared/mount.js';
import { ViewerView } from './view.js';

/** @param {import('./view.js').ViewerComponent} component */
const create = (component) => new ViewerView(component);

export default keepViews(create);
