# Finds the GSSAPI library of MIT Kerberos. Gives the target gssapi::gssapi.

if(TARGET gssapi::gssapi)
    set(gssapi_FOUND TRUE)
    return()
endif()

find_path(gssapi_INCLUDE_DIR NAMES gssapi/gssapi.h DOC "Where gssapi/gssapi.h is")
find_library(gssapi_LIBRARY NAMES gssapi_krb5 DOC "GSSAPI of MIT Kerberos")
mark_as_advanced(gssapi_INCLUDE_DIR gssapi_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(gssapi
    REQUIRED_VARS gssapi_LIBRARY gssapi_INCLUDE_DIR
    REASON_FAILURE_MESSAGE "Install MIT Kerberos (Debian: libkrb5-dev), or set TUSK_GSSAPI to OFF.")

if(gssapi_FOUND)
    add_library(gssapi::gssapi UNKNOWN IMPORTED)
    set_target_properties(gssapi::gssapi PROPERTIES
        IMPORTED_LOCATION "${gssapi_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${gssapi_INCLUDE_DIR}")
endif()
