# SPDX-License-Identifier: Apache-2.0
# Where the package goes under the prefix: where that prefix's python3 looks, as Debian or as Python's own way has it.
set(python_version ${Python_VERSION_MAJOR}.${Python_VERSION_MINOR})
set(CHRONOGRAD_PYTHON_VERSION ${python_version} CACHE INTERNAL "The python3 that the module is for") # cmake/Package.cmake
set(CHRONOGRAD_PYTHON_FOLDER "" CACHE STRING "Where the Python package goes, relative to the prefix; empty: where that prefix's python3 looks")
execute_process(COMMAND ${Python_EXECUTABLE} -c "import sysconfig; print('deb_system' in sysconfig.get_scheme_names())"
                OUTPUT_VARIABLE debian OUTPUT_STRIP_TRAILING_WHITESPACE)
if(CHRONOGRAD_PYTHON_FOLDER)
  set(folder ${CHRONOGRAD_PYTHON_FOLDER})
elseif(debian STREQUAL "True" AND CMAKE_INSTALL_PREFIX STREQUAL "/usr")
  set(folder lib/python3/dist-packages)
elseif(debian STREQUAL "True" AND CMAKE_INSTALL_PREFIX STREQUAL "/usr/local")
  set(folder lib/python${python_version}/dist-packages)
else()
  set(folder lib/python${python_version}/site-packages)
endif()

string(APPEND folder /chronograd)
file(RELATIVE_PATH to_library /${folder} /${CMAKE_INSTALL_LIBDIR})
set_target_properties(chronograd_python PROPERTIES INSTALL_RPATH "$ORIGIN/${to_library}" BUILD_RPATH_USE_ORIGIN ON)
install(TARGETS chronograd_python LIBRARY DESTINATION ${folder})
install(DIRECTORY chronograd/ DESTINATION ${folder} FILES_MATCHING PATTERN "*.py" PATTERN "*.pyi" PATTERN "py.typed")
