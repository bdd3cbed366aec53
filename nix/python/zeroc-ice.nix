# Ice for Python 3.6: the published source with our patch, as the plain install builds it.
{
  lib,
  python,
  fetchPypi,
  gcc14Stdenv,
  openssl,
  bzip2,
}:
let
  locked =
    lib.head
      (import ../lib/lock.nix { lockFile = ../../python/zeroc-ice/requirements.txt; }).zeroc-ice;
in
(python.pkgs.buildPythonPackage.override { stdenv = gcc14Stdenv; }) {
  pname = "zeroc-ice";
  inherit (locked) version;
  pyproject = true;
  src = fetchPypi {
    pname = "zeroc-ice";
    inherit (locked) version;
    sha256 = lib.head locked.hashes;
  };
  patches = [
    ../../python/zeroc-ice/malformed-messages.patch
    ../../python/zeroc-ice/python-3.11-3.12.patch
  ];
  build-system = [ python.pkgs.setuptools ];
  buildInputs = [
    openssl
    bzip2
  ];
  # Sources of 2017: exceptions in signatures, K&R C in the preprocessor.
  env = {
    CXXFLAGS = "-std=gnu++14 -O1";
    NIX_CFLAGS_COMPILE = toString [
      "-Wno-error=implicit-function-declaration"
      "-Wno-error=implicit-int"
      "-Wno-error=incompatible-pointer-types"
    ];
  };
  pythonImportsCheck = [ "Ice" ];
  meta = {
    description = "Ice 3.6, the protocol that OMERO speaks";
    homepage = "https://zeroc.com";
    license = lib.licenses.gpl2Only;
    platforms = lib.platforms.linux;
  };
}
