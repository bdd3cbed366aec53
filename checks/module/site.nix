# Three machines for the sets of options: where each role is, and a machine that runs only some of them.
{ lib }:
let
  elsewhere = {
    databases = "10.0.0.10";
    server = "10.0.0.10";
    web = "10.0.0.11";
    worker = "10.0.0.11";
    monitoring = "10.0.0.12";
  };
  spread = roles: {
    hosts = elsewhere;
    secrets.generate = false;
    firewall.peers = [ "10.0.0.0/24" ];
    roles = lib.genAttrs (lib.attrNames elsewhere) (role: {
      enable = lib.elem role roles;
    });
  };
in
{
  inherit elsewhere spread;
}
