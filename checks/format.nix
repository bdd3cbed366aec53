# nixfmt, statix, deadnix and ruff over the sources.
{
  lib,
  pkgs,
  platform,
}:
let
  nixFiles = lib.fileset.toSource {
    root = ../.;
    fileset = lib.fileset.fileFilter (file: file.hasExt "nix") ../.;
  };
  check =
    name: programs: command:
    pkgs.runCommand name { nativeBuildInputs = programs; } ''
      cd ${nixFiles}
      ${command}
      touch $out
    '';
in
{
  nixfmt = check "nixfmt" [ pkgs.nixfmt ] "find . -name '*.nix' -print0 | xargs -0 nixfmt --check";
  statix = check "statix" [ pkgs.statix ] "statix check .";
  # Modules name what they hand on to platform.nix, which looks unused to deadnix.
  deadnix = check "deadnix" [ pkgs.deadnix ] "deadnix --no-lambda-pattern-names --fail .";
  ruff = pkgs.runCommand "ruff" { } ''
    cp -r ${../python} python && cp ${../pyproject.toml} pyproject.toml && chmod -R u+w .
    ${platform.pythonSet.ruff}/bin/ruff check --no-cache .
    ${platform.pythonSet.ruff}/bin/ruff format --no-cache --check .
    touch $out
  '';
}
