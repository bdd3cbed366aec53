# stack.toml and the folders that the command line reads beside it, without the code: they change at different times.
{ lib }:
let
  inherit (lib) fileset;
  root = ../.;
in
fileset.toSource {
  inherit root;
  fileset = fileset.unions [
    (root + "/stack.toml")
    (root + "/monitoring")
  ];
}
