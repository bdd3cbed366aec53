# Evaluates the module with every set of options of cases.nix and refused.nix; returns what is wrong, one line each.
# `evaluate` turns a module into a configuration: NixOS in the flake's check.
{ lib, evaluate }:
let
  cases = import ./cases.nix { inherit lib; } // import ./refused.nix { inherit lib; };

  result =
    name: case:
    let
      config = evaluate {
        services.omero-platform = {
          enable = true;
        }
        // (case.module or { });
      };
      failing = map (failed: failed.message) (lib.filter (one: !one.assertion) config.assertions);
      expected = case.refused or [ ];
      unsaid = lib.filter (part: !(lib.any (lib.hasInfix part) failing)) expected;
    in
    if expected == [ ] && failing != [ ] then
      [ "${name}: refused: ${lib.concatStringsSep " " failing}" ]
    else if unsaid != [ ] then
      [ "${name}: nothing says “${lib.concatStringsSep "”, “" unsaid}”" ]
    else if failing == [ ] && !((case.holds or (_: true)) config) then
      [ "${name}: does not hold" ]
    else
      [ ];
in
{
  names = lib.attrNames cases;
  complaints = lib.concatLists (lib.mapAttrsToList result cases);
}
