# `nix develop`: everything that the tests and the command line need, pinned; the code comes from the checkout.
{
  mkShell,
  pythonEnv,
  commandLine,
  postgresql_16,
  redis,
  prometheus,
  chromium,
  chromedriver,
  nixfmt,
  statix,
  deadnix,
  skopeo,
  jq,
}:
mkShell {
  packages = [
    pythonEnv
    commandLine.default
    postgresql_16
    redis
    prometheus.cli
    chromium
    chromedriver
    nixfmt
    statix
    deadnix
    skopeo
    jq
  ];
  shellHook = ''
    export OMERO_PLATFORM_ROOT=$PWD PYTHONNOUSERSITE=1
    for source in "$PWD"/python/*/src; do PYTHONPATH=''${PYTHONPATH:+$PYTHONPATH:}$source; done
    export PYTHONPATH
  '';
}
