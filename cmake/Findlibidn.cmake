# Finds GNU libidn (not libidn2), which holds SASLprep. Gives the target libidn::libidn and libidn_VERSION.

if(TARGET libidn::libidn)
    set(libidn_FOUND TRUE)
    return()
endif()

find_path(libidn_INCLUDE_DIR NAMES stringprep.h DOC "Where stringprep.h is")
find_library(libidn_LIBRARY NAMES idn DOC "GNU libidn")
mark_as_advanced(libidn_INCLUDE_DIR libidn_LIBRARY)

if(libidn_INCLUDE_DIR)
    file(STRINGS "${libidn_INCLUDE_DIR}/stringprep.h" _libidn_version REGEX "define STRINGPREP_VERSION ")
    string(REGEX MATCH "[0-9]+(\\.[0-9]+)+" libidn_VERSION "${_libidn_version}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(libidn
    REQUIRED_VARS libidn_LIBRARY libidn_INCLUDE_DIR
    VERSION_VAR libidn_VERSION
    REASON_FAILURE_MESSAGE "Install GNU libidn (Debian: libidn-dev).")

if(libidn_FOUND)
    add_library(libidn::libidn UNKNOWN IMPORTED)
    set_target_properties(libidn::libidn PROPERTIES
        IMPORTED_LOCATION "${libidn_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${libidn_INCLUDE_DIR}")
endif()
