// The overview: how the services are.

import { pageData } from "../../omero_plugin_common/js/messages.js";
import { showHealth } from "./health.js";

showHealth(document.getElementById("health"), pageData.health);
