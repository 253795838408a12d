//! Redfish, as the controllers of machines speak it: DSP0266, <https://www.dmtf.org/dsp/DSP0266>.

mod service_root;
