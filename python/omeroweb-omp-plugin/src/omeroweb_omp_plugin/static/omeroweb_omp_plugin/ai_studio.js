// Puts the AI panel on the page on which names become metadata.

import { pageData } from "../omero_plugin_common/js/messages.js";
import { mountAiPanel } from "./ai_panel.js";
import { studio } from "./state.js";

mountAiPanel(document.getElementById("omp-ai"), {
  data: pageData.ai,
  request: () => ({ targets: studio.targets, recipe: studio.recipe, names: pageData.defaultNames }),
  onSuggestion: (found) => studio.setRecipe(found.recipe),
});
