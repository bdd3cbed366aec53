// The tab "Imaris" beside OMERO.web's data tree: a frame with the exports of what is selected.

(function () {
  const address = document.currentScript.dataset.panel;

  // What the panel can export: images, or one dataset.
  function query(selected) {
    const parts = selected.map((one) => one.id.split("-"));
    const images = parts.length > 0 && parts.every(([type]) => type === "image");
    const dataset = parts.length === 1 && parts[0][0] === "dataset";
    return images || dataset ? parts.map(([type, id]) => `${type}=${encodeURIComponent(id)}`).join("&") : null;
  }

  $(function () {
    $("#imaris_tab").omeroweb_right_plugin({
      plugin_enabled: (selected) => query(selected) !== null,
      load_plugin_content: function (selected) {
        const frame = document.createElement("iframe");
        frame.src = `${address}?${query(selected)}`;
        frame.title = "Export to Imaris";
        frame.style.cssText = "border: 0; width: 100%; height: 100%; min-height: 30rem;";
        $(this).append(frame);
      },
    });
  });
})();
