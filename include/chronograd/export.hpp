// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Before what the shared library offers to others: functions that a header only declares, classes with such members,
/// and types that are thrown or looked up by their type. All else is hidden, and is no part of the interface.
/// A class template with it offers the instances that the library makes (float and double).
#define CHRONOGRAD_API __attribute__((visibility("default")))
