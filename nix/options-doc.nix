# docs/nixos-options.md, from the declarations of the module; a check compares it with what is committed.
{
  lib,
  pkgs,
  nixosOptionsDoc,
}:
let
  evaluated = lib.evalModules {
    specialArgs = { inherit pkgs; };
    modules = [
      ../modules
      { _module.check = false; }
    ];
  };
in
(nixosOptionsDoc {
  options.services.omero-platform = evaluated.options.services.omero-platform;
  transformOptions = option: option // { declarations = [ ]; };
  warningsAreErrors = true;
}).optionsCommonMark
