# Finds standalone Asio, which is headers only and, in most distributions, comes without a CMake package.
# Gives the target asio::asio and asio_VERSION. asio_ROOT or CMAKE_PREFIX_PATH say where else to look.

if(TARGET asio::asio)
    set(asio_FOUND TRUE)
    return()
endif()

find_path(asio_INCLUDE_DIR NAMES asio/version.hpp DOC "Where asio.hpp is")
mark_as_advanced(asio_INCLUDE_DIR)

if(asio_INCLUDE_DIR)
    # "#define ASIO_VERSION 102201 // 1.22.1"
    file(STRINGS "${asio_INCLUDE_DIR}/asio/version.hpp" _asio_version REGEX "^#define ASIO_VERSION [0-9]+")
    string(REGEX MATCH "[0-9]+" _asio_version "${_asio_version}")
    math(EXPR _asio_major "${_asio_version} / 100000")
    math(EXPR _asio_minor "${_asio_version} / 100 % 1000")
    math(EXPR _asio_patch "${_asio_version} % 100")
    set(asio_VERSION "${_asio_major}.${_asio_minor}.${_asio_patch}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(asio
    REQUIRED_VARS asio_INCLUDE_DIR
    VERSION_VAR asio_VERSION
    REASON_FAILURE_MESSAGE "Install Asio's headers (Debian: libasio-dev) or set asio_ROOT.")

if(asio_FOUND)
    include(CMakeFindDependencyMacro)
    find_dependency(Threads)

    add_library(asio::asio INTERFACE IMPORTED)
    target_include_directories(asio::asio INTERFACE "${asio_INCLUDE_DIR}")
    # Without the last one Asio decides between two allocators by whether a standard header was included before it, and
    # so differently in each source: frames would be allocated by one and freed by the other.
    target_compile_definitions(asio::asio INTERFACE
        ASIO_STANDALONE ASIO_NO_DEPRECATED ASIO_DISABLE_STD_ALIGNED_ALLOC)
    target_link_libraries(asio::asio INTERFACE Threads::Threads)
    # Before 1.26 Asio tests a macro of the coroutines TS, which clang no longer defines, and so hides asio::awaitable
    # from clang. Every user of the library must say so alike, or the library and its user see different types.
    if(asio_VERSION VERSION_LESS 1.26)
        target_compile_definitions(asio::asio INTERFACE
            "$<$<CXX_COMPILER_ID:Clang,AppleClang>:ASIO_HAS_CO_AWAIT=1>")
    endif()
endif()
