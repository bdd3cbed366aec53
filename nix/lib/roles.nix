# Which machine role runs which service of the stack, when the platform is spread over several hosts; builtins only.
{
  stack ? import ./stack.nix { },
}:
let
  inherit (builtins)
    attrNames
    attrValues
    concatLists
    filter
    foldl'
    listToAttrs
    mapAttrs
    ;

  services = {
    databases = [
      "database"
      "database_plugin"
      "redis"
    ];
    server = [ "omeroserver" ];
    web = [ "omeroweb" ];
    worker = [ "worker" ];
    monitoring = [
      "prometheus"
      "alertmanager"
      "blackbox-exporter"
      "loki"
      "grafana"
    ];
  };

  # These run on every machine, or beside what they watch.
  everywhere = [
    "alloy"
    "cadvisor"
    "caretaker"
    "node-exporter"
    "portainer"
  ];
  beside = {
    databases = [
      "postgres-exporter"
      "postgres-exporter-plugin"
      "redis-exporter"
    ];
  };

  placed = mapAttrs (role: names: names ++ (beside.${role} or [ ])) services;

  roleOf = foldl' (
    found: role:
    found
    // listToAttrs (
      map (name: {
        inherit name;
        value = role;
      }) placed.${role}
    )
  ) { } (attrNames placed);

  unique = foldl' (found: name: if builtins.elem name found then found else found ++ [ name ]) [ ];
in
{
  inherit everywhere roleOf;
  services = placed;
  names = attrNames placed;

  # Roles that a role talks to, from what its services wait for.
  needs = mapAttrs (
    role: names:
    filter (other: other != role) (
      unique (map (name: roleOf.${name}) (concatLists (map (name: stack.needs.${name}) names)))
    )
  ) placed;

  unplaced = filter (name: !(roleOf ? ${name}) && !(builtins.elem name everywhere)) (
    attrNames stack.services
  );
  unknown = filter (name: !(stack.services ? ${name})) (
    everywhere ++ concatLists (attrValues placed)
  );
}
