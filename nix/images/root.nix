# The few files outside the store that an image has: accounts, writable folders, and supervisord's programs where it
# runs more than one.
{
  lib,
  runCommand,
  writeText,
  name,
  about,
  environment,
}:
let
  isSupervised = lib.length (lib.attrNames about.programs) > 1;

  # `setup` ends when it is done; everything else is started again when it ends. nixpkgs' supervisord puts the interpreter
  # without packages first on the path of what it starts, so the environment's is named in full.
  program = key: words: ''
    [program:${key}]
    command=${environment}/bin/${lib.concatStringsSep " " words}
    autorestart=${if key == "setup" then "unexpected" else "true"}
    startsecs=${if key == "setup" then "0" else "10"}
    startretries=30
    stopasgroup=true
    killasgroup=true
    stopwaitsecs=120
    stdout_logfile=/dev/fd/1
    stdout_logfile_maxbytes=0
    redirect_stderr=true
  '';

  supervisord = writeText "supervisord.conf" ''
    [supervisord]
    nodaemon=true
    pidfile=/tmp/supervisord.pid
    logfile=/dev/null
    logfile_maxbytes=0

    ${lib.concatStringsSep "\n" (lib.mapAttrsToList program about.programs)}
  '';

  folders = [
    "tmp"
    "home/omero"
  ]
  ++ map (lib.removePrefix "/") about.writable;
in
(runCommand "${name}-root" { } ''
  mkdir -p $out/etc ${lib.concatMapStringsSep " " (folder: "$out/${folder}") folders}
  echo 'root:x:0:0:root:/root:/bin/false' > $out/etc/passwd
  echo 'omero:x:1000:1000:OMERO:/home/omero:/bin/false' >> $out/etc/passwd
  printf 'root:x:0:\nomero:x:1000:\n' > $out/etc/group
  ${lib.optionalString isSupervised "cp ${supervisord} $out/etc/supervisord.conf"}
'').overrideAttrs
  {
    passthru.command =
      if isSupervised then
        [
          "supervisord"
          "-c"
          "/etc/supervisord.conf"
        ]
      else
        lib.head (lib.attrValues about.programs);
  }
