// The plugin's panels in OMERO.web: what is selected in the tree opens in the plugin. OMERO.web loads this as a plain
// script (it has no modules there), once for the right panel and once for the centre.

(() => {
  const { plugin, index, page, style } = document.currentScript.dataset;
  const KINDS = ["project", "dataset", "screen", "plate", "acquisition", "well", "image"];
  const MOST = 500;

  if (!document.querySelector(`link[href="${style}"]`)) {
    document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: style }));
  }

  function usable(selected) {
    return selected.filter((entry) => KINDS.includes(entry.id.split("-")[0])).slice(0, MOST);
  }

  function address(selected) {
    const chosen = new Map();
    for (const { id } of usable(selected)) {
      const [kind, number] = id.split("-");
      chosen.set(kind, [...(chosen.get(kind) || []), number]);
    }
    return `${page}?${[...chosen].map(([kind, numbers]) => `${kind}=${numbers.join(",")}`).join("&")}`;
  }

  function button(place, selected) {
    const box = Object.assign(document.createElement("div"), { className: "omp-panel" });
    const text = Object.assign(document.createElement("p"), {
      textContent: "Turn the file names of what is selected into key-value pairs: look first, undo any time.",
    });
    const link = Object.assign(document.createElement("a"), { href: address(selected), target: "_blank", textContent: "Open file names to metadata" });
    box.append(text, link);
    place.replaceChildren(box);
  }

  function frame(place, selected) {
    const wanted = `${address(selected)}&embedded=1`;
    const known = place.querySelector("iframe");
    if (known?.getAttribute("src") === wanted) return;
    const made = Object.assign(document.createElement("iframe"), { className: "omp-panel-frame", src: wanted, title: "File names to metadata" });
    place.replaceChildren(made);
  }

  const enabled = (selected) => usable(selected).length > 0;
  $(() => {
    if (plugin === "right") {
      $("#omp_tab").omeroweb_right_plugin({
        plugin_index: Number(index),
        load_plugin_content(selected) { button(this[0] ?? this, selected); },
        plugin_enabled: enabled,
      });
    } else {
      $("#omp_center").omeroweb_center_plugin({
        plugin_index: Number(index),
        empty_on_sel_change: false,
        load_plugin_content(selected) { frame(document.getElementById("omp_center"), selected); },
        plugin_enabled: enabled,
      });
    }
  });
})();
