# The module with the flake's own packages as default, so that a host's nixpkgs does not decide over OMERO's versions.
{ platform }:
{ lib, pkgs, ... }:
{
  imports = [ ../modules ];
  config.services.omero-platform.packages = lib.mkDefault {
    inherit (platform.${pkgs.stdenv.hostPlatform.system})
      alertmanager
      ice36
      jre
      omeroScripts
      omeroServer
      omeroServerEnv
      platformEnv
      stackSource
      ;
  };
}
