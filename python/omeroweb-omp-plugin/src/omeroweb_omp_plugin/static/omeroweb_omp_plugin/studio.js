// The page on which names become metadata.

import { pageData } from "../omero_plugin_common/js/messages.js";
import { loadHistory } from "./jobs.js";
import { loadTree } from "./picker.js";
import "./previewing.js";
import { startRule } from "./rule.js";
import { studio } from "./state.js";
import "./variables.js";
import "./varsets.js";
import "./more.js";

studio.policy = document.getElementById("omp-policy").value;
startRule(pageData.recipe);
studio.setTargets(pageData.targets);
loadTree();
loadHistory();
