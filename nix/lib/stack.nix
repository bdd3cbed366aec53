# What Nix derives from stack.toml, with builtins only: so it evaluates without nixpkgs, in CI too, where it is compared
# with what Python derives from the same file (python/omero-platform/tests/nix).
{
  stackFile ? ../../stack.toml,
}:
let
  inherit (builtins)
    attrNames
    concatLists
    filter
    listToAttrs
    mapAttrs
    ;

  stack = builtins.fromTOML (builtins.readFile stackFile);
  inherit (stack)
    backup
    maintenance
    services
    timezone
    ;
  names = attrNames services;

  portOf = name: port: services.${name}.ports.${port};
  portsOf = name: services.${name}.ports or { };
  publicOf = name: map (portOf name) (services.${name}.public or [ ]);

  # The name under which containers and hosts find a service; an underscore is not allowed in one.
  hostName = builtins.replaceStrings [ "_" ] [ "-" ];

  probesOf =
    name:
    map (probe: {
      inherit (probe) module;
      service = name;
      target = probeTarget name probe;
    }) (services.${name}.probes or [ ]);

  probeTarget =
    name: probe:
    let
      address = "${hostName name}:${toString (portOf name probe.port)}";
    in
    if probe.module == "http_2xx" then "http://${address}${probe.path}" else address;

  scrapeOf = name: {
    inherit (services.${name}.scrape) job path;
    service = name;
    target = "${hostName name}:${toString (portOf name services.${name}.scrape.port)}";
  };

  healthOf =
    name:
    let
      inherit (services.${name}) health;
    in
    {
      inherit (health) kind;
      path = health.path or "/";
      port = if health ? port then portOf name health.port else null;
    };

  days = {
    Monday = "Mon";
    Tuesday = "Tue";
    Wednesday = "Wed";
    Thursday = "Thu";
    Friday = "Fri";
    Saturday = "Sat";
    Sunday = "Sun";
  };

  # systemd's calendar expression; without a weekday every day, and the n-th week of a month has the days 7n-6 to 7n.
  calendar =
    at:
    let
      twoDigits = number: if number < 10 then "0${toString number}" else toString number;
      last = 7 * at.week_of_month;
      day = if at ? week_of_month then "${twoDigits (last - 6)}..${twoDigits last}" else "*";
    in
    (if at ? weekday then "${days.${at.weekday}} " else "") + "*-*-${day} ${at.time}:00 ${timezone}";
in
{
  inherit
    hostName
    services
    timezone
    portOf
    ;

  ports = mapAttrs (name: _: portsOf name) services;
  publicPorts = listToAttrs (
    map (name: {
      inherit name;
      value = publicOf name;
    }) (filter (name: publicOf name != [ ]) names)
  );
  needs = mapAttrs (_: service: service.needs) services;
  health = mapAttrs (name: _: healthOf name) services;
  scrapes = map scrapeOf (filter (name: services.${name} ? scrape) names);
  probes = concatLists (map probesOf names);
  versions = mapAttrs (_: service: service.version or "") services;
  schedules = {
    vacuumAnalyze = calendar maintenance.vacuum_analyze;
    reindex = calendar maintenance.reindex;
    backup = calendar backup.make;
    verify = calendar backup.verify;
  };
  maintained = maintenance.databases;
  keptBackups = backup.keep;
}
