# docs/nixos-options.md from the declarations of the module, with lib only: the same text wherever it is made.
# An option without default, example or description stops the evaluation.
{
  lib,
  pkgs,
}:
let
  evaluated = lib.evalModules {
    specialArgs = { inherit pkgs; };
    modules = [
      ../modules
      { config._module.check = false; }
    ];
  };

  # The plugins' settings have a page of their own, which is written without Nix too.
  isListed =
    option: option.visible && !option.internal && !(lib.hasInfix ".plugins.settings." option.name);
  options = lib.filter isListed (
    lib.optionAttrSetToDocList evaluated.options.services.omero-platform
  );

  # Changes when a file of the module does; a test without nixpkgs looks at it.
  sources = lib.filter (lib.hasSuffix ".nix") (
    lib.sort lib.lessThan (map toString (lib.filesystem.listFilesRecursive ../modules))
  );
  fingerprint = builtins.hashString "sha256" (
    lib.concatMapStrings (builtins.hashFile "sha256") sources
  );

  text = value: value.text or (throw "no text in ${builtins.toJSON value}");
  need = option: name: option.${name} or (throw "${option.name} has no ${name}");
  shown = value: if value._type or "" == "literalMD" then " ${text value}" else code (text value);
  code =
    body:
    if lib.hasInfix "\n" body then "\n\n```nix\n${lib.removeSuffix "\n" body}\n```" else " `${body}`";

  entry = option: ''
    ## ${option.name}

    ${lib.removeSuffix "\n" (need option "description")}

    - type: ${option.type}
    - default:${shown (need option "default")}
    - example:${shown (need option "example")}
  '';
in
''
  # Options of services.omero-platform

  <!-- written by `nix build .#options-doc`; do not edit. sources: ${fingerprint} -->

  ${toString (lib.length options)} options; the plugins' own are in [nixos-plugin-settings.md](nixos-plugin-settings.md).

''
+ lib.concatMapStringsSep "\n" entry options
