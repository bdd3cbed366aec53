# Ice 3.6.5 in C++: icegridnode, icegridregistry, glacier2router. omero-py refuses any other version, and nixpkgs has 3.7.
{
  lib,
  gcc14Stdenv,
  fetchFromGitHub,
  openssl,
  bzip2,
  expat,
  mcpp,
  db53,
}:
gcc14Stdenv.mkDerivation (final: {
  pname = "zeroc-ice";
  version = "3.6.5";
  src = fetchFromGitHub {
    owner = "zeroc-ice";
    repo = "ice";
    tag = "v${final.version}";
    hash = "sha256-JWDLdgRxfsJkw0l1TcS/hxSZaFG9GxUyO4dr4cI+cBw=";
  };
  sourceRoot = "${final.src.name}/cpp";

  # glibc 2.34 made PTHREAD_STACK_MIN signed, OpenSSL 3 deprecated what Ice uses: warnings, which -Werror made fatal.
  postPatch = ''
    substituteInPlace config/Make.rules.Linux --replace-fail "-Werror" ""
  '';

  buildInputs = [
    openssl
    bzip2
    expat
    mcpp
    db53
  ];
  makeFlags = [
    "prefix=$(out)"
    "OPTIMIZE=yes"
    "USR_DIR_INSTALL=yes"
  ];
  # In the environment, where Ice's makefiles add to it; among makeFlags it would take the place of all they add.
  env.CPPFLAGS = "-std=gnu++98";
  buildFlags = [
    "-C"
    "src"
  ];
  enableParallelBuilding = false; # libIceXML is linked before it is there

  doInstallCheck = true;
  installCheckPhase = ''
    $out/bin/icegridnode --version 2>&1 | grep -qF ${final.version}
    $out/bin/glacier2router --version 2>&1 | grep -qF ${final.version}
  '';

  meta = {
    description = "Ice 3.6, whose grid runs OMERO.server";
    homepage = "https://zeroc.com";
    license = lib.licenses.gpl2Only;
    platforms = lib.platforms.linux;
    mainProgram = "icegridnode";
  };
})
