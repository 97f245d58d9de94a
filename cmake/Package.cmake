# SPDX-License-Identifier: Apache-2.0
# Installs the library, its headers, the program and the package that find_package(chronograd) reads.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/chronograd)
install(TARGETS chronograd_core EXPORT chronogradTargets)
if(TARGET chronograd_library)
  install(TARGETS chronograd_library EXPORT chronogradTargets)
endif()
install(EXPORT chronogradTargets NAMESPACE chronograd:: DESTINATION ${package_dir})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/chronograd DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")
if(TARGET chronograd_cli)
  install(TARGETS chronograd_cli)
endif()
if(EXISTS ${PROJECT_SOURCE_DIR}/LICENSE)
  install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/NOTICE DESTINATION ${CMAKE_INSTALL_DOCDIR})
endif()

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/chronogradConfig.cmake.in
  ${PROJECT_BINARY_DIR}/chronogradConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/chronogradConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/chronogradConfig.cmake ${PROJECT_BINARY_DIR}/chronogradConfigVersion.cmake
  DESTINATION ${package_dir})
