// Entry of the map component.

import { keepViews } from '../shared/mount.js';
import { MapView } from './view.js';

// Camera, selection and hidden classes outlive reruns and page switches with their view.
export default keepViews(() => new MapView());
