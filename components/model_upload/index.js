// The entry that Streamlit calls.

import { keepViews } from '../shared/mount.js';
import { ModelUpload } from './view.js';

/** @param {import('./view.js').ModelUploadComponent} component */
const create = (component) => new ModelUpload(component);

export default keepViews(create);
