# What every machine of the tests has: room, no waiting for a network that is not there, and the small OMERO.
{ lib, ... }:
{
  virtualisation = {
    memorySize = lib.mkDefault 4096;
    cores = lib.mkDefault 2;
    diskSize = lib.mkDefault 8192;
  };
  networking.firewall.enable = true;
  services.omero-platform = {
    backend = lib.mkDefault "embedded";
    server.dataDir = "/OMERO";
  };
  time.timeZone = "Europe/Zurich";
}
