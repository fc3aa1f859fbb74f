include(CMakePackageConfigHelpers)

set(TUSK_PACKAGE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/tusk")

# tusk_add_layer(name
#     SOURCES   files...      relative to the layer's folder
#     PUBLIC    targets...    what the public headers need
#     PRIVATE   targets...    what only the sources need
#     LAYERS    names...      layers below this one
#     PACKAGES  packages...   what an installed layer finds again, each as find_package takes it ("fmt 9.1")
#     MODULES   files...      find modules for those packages, installed beside the package)
#
# Defines the library tusk_<name> and its alias tusk::<name>. Every header below include/ is public: it is installed,
# and verified to compile alone. Static by default. BUILD_SHARED_LIBS is honoured too: symbols are not hidden and there
# are no export macros, so that works where every symbol is exported by default (not on Windows), and the ABI of a
# shared library holds for one minor version.
function(tusk_add_layer name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;PUBLIC;PRIVATE;LAYERS;PACKAGES;MODULES")
    if(arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "tusk_add_layer(${name}): does not know ${arg_UNPARSED_ARGUMENTS}")
    endif()
    set(target tusk_${name})

    # Absolute, because a test builds the same sources again with other options.
    list(TRANSFORM arg_SOURCES PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/")
    file(GLOB_RECURSE headers CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/include/*.hpp")

    add_library(${target} ${arg_SOURCES})
    add_library(tusk::${name} ALIAS ${target})
    target_sources(${target} PUBLIC
        FILE_SET HEADERS BASE_DIRS "${CMAKE_CURRENT_SOURCE_DIR}/include" FILES ${headers})
    target_include_directories(${target} PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}/src")
    target_compile_features(${target} PUBLIC cxx_std_20)
    list(TRANSFORM arg_LAYERS PREPEND "tusk::" OUTPUT_VARIABLE layers)
    target_link_libraries(${target} PUBLIC ${layers} ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
    set_target_properties(${target} PROPERTIES
        EXPORT_NAME ${name}
        POSITION_INDEPENDENT_CODE ON
        VERSION ${PROJECT_VERSION}
        SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
    list(TRANSFORM arg_LAYERS REPLACE "^(.+)$" "<tusk/\\1.hpp>" OUTPUT_VARIABLE headers_below)
    tusk_use_pch(${target} ${headers_below})

    if(TUSK_INSTALL)
        install(TARGETS ${target} EXPORT tusk-${name}
            RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT tusk_${name}
            LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT tusk_${name}
            ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT tusk_${name}
            FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT tusk_${name})
        install(EXPORT tusk-${name} NAMESPACE tusk:: FILE tusk-${name}-targets.cmake
            DESTINATION "${TUSK_PACKAGE_DIR}" COMPONENT tusk_${name})

        set(find_dependencies "")
        foreach(package IN LISTS arg_PACKAGES)
            string(APPEND find_dependencies "find_dependency(${package})\n")
        endforeach()
        configure_file("${PROJECT_SOURCE_DIR}/cmake/tusk-layer.cmake.in"
            "${PROJECT_BINARY_DIR}/package/tusk-${name}.cmake" @ONLY)
        install(FILES "${PROJECT_BINARY_DIR}/package/tusk-${name}.cmake" ${arg_MODULES}
            DESTINATION "${TUSK_PACKAGE_DIR}" COMPONENT tusk_${name})
    endif()
endfunction()

# What all layers share: the package's entrance and its version. The lowest layer carries it.
function(tusk_install_package)
    configure_file("${PROJECT_SOURCE_DIR}/cmake/tusk-config.cmake.in"
        "${PROJECT_BINARY_DIR}/package/tusk-config.cmake" @ONLY)
    # Before 1.0 a minor version may change the interface.
    write_basic_package_version_file("${PROJECT_BINARY_DIR}/package/tusk-config-version.cmake"
        COMPATIBILITY SameMinorVersion)
    install(FILES
        "${PROJECT_BINARY_DIR}/package/tusk-config.cmake"
        "${PROJECT_BINARY_DIR}/package/tusk-config-version.cmake"
        DESTINATION "${TUSK_PACKAGE_DIR}" COMPONENT tusk_driver)
endfunction()
