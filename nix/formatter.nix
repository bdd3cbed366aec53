# `nix fmt`: nixfmt for Nix, ruff for Python; statix and deadnix say what they would change.
{
  writeShellApplication,
  nixfmt,
  statix,
  deadnix,
  pythonSet,
  findutils,
}:
writeShellApplication {
  name = "omero-platform-format";
  runtimeInputs = [
    nixfmt
    statix
    deadnix
    findutils
  ];
  text = ''
    find . -name '*.nix' -not -path './.git/*' -print0 | xargs -0 nixfmt "$@"
    statix check .
    deadnix --no-lambda-pattern-names --fail .
    ${pythonSet.ruff}/bin/ruff format .
  '';
}
