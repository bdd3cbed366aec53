# The environments, each with one interpreter and the packages of roots.nix.
{ lib, pythonSet }:
let
  inherit (pythonSet) python;
  roots = import ./roots.nix;
  environment =
    names:
    python.buildEnv.override {
      extraLibs = map (name: pythonSet.${name}) (lib.unique names);
      ignoreCollisions = true; # OMERO's packages share the namespace package `omero`
    };
in
{
  omeroWebEnv = environment roots.web;
  omeroServerEnv = environment roots.server;
  workerEnv = environment roots.worker;
  platformEnv = environment roots.platform;

  # Everything that is locked, for the development shell and the tests.
  pythonEnv = environment (lib.attrNames (removeAttrs pythonSet [ "python" ]));
}
