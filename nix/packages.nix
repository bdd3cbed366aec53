# The flake's packages: what people build by name.
{ lib, platform }:
{
  inherit (platform.commandLine) default;
  inherit (platform)
    compose
    ice36
    monitoring
    omeroServer
    omeroServerEnv
    omeroWebEnv
    platformEnv
    pythonEnv
    workerEnv
    ;
  options-doc = platform.optionsDoc;
  inherit (platform.pythonSet) zeroc-ice;
}
// lib.filterAttrs (_: lib.isDerivation) platform.images
